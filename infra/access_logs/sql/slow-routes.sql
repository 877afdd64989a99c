SELECT
  route,
  count(*) AS requests,
  round({median}) AS p50_ms,
  round({percentile_95}) AS p95_ms,
  round(max(milliseconds)) AS slowest_ms
FROM calls
GROUP BY route
ORDER BY p95_ms DESC, route
LIMIT 15
