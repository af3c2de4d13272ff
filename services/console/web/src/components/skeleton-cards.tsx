/** Places for what is on its way. */
export function SkeletonCards() {
  return (
    <div className="columns" aria-busy="true">
      {[0, 1].map((card) => (
        <div className="card skeleton-card" key={card}>
          {[0, 1, 2, 3, 4].map((line) => (
            <span className="placeholder" key={line} />
          ))}
        </div>
      ))}
    </div>
  );
}
