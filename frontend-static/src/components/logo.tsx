/** The logo: an open circle and a dot, for an answer that arrives later. */
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
