/** The mark: a circle left open, and the answer that arrives in its own time. */
export function Logo({ size = 34 }: { size?: number }) {
  return (
    <svg class="logo" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9.5" class="logo-field" />
      <circle cx="16" cy="16" r="8.5" class="logo-ring" stroke-dasharray="40 13.4" />
      <circle cx="22.600" cy="9.400" r="3.100" class="logo-dot" />
    </svg>
  );
}

export function Wordmark() {
  return (
    <span class="wordmark">
      <Logo />
      <span class="wordmark-text">
        async<b>sns</b>
      </span>
    </span>
  );
}
