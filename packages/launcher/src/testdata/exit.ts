// Ends as its arguments say: with an exit code, or by a signal.
const [how = '', ...rest] = process.argv.slice(2);
console.log(JSON.stringify(rest));
if (how.startsWith('SIG')) process.kill(process.pid, how);
else process.exit(Number(how));
