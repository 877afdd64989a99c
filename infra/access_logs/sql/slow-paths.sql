SELECT
  path,
  count(*) AS requests,
  round({median}) AS p50_ms,
  round({percentile_95}) AS p95_ms,
  round(max(milliseconds)) AS slowest_ms
FROM recent
GROUP BY path
ORDER BY p95_ms DESC, path
LIMIT 15
