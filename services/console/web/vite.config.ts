import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// biome-ignore lint/style/noDefaultExport: Vite asks for it.
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    // The Content-Security-Policy lets data: in for images alone.
    assetsInlineLimit: 0,
    target: 'es2023',
  },
});
