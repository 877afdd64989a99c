SELECT
  concat(CAST(status AS varchar), ' ', path) AS failure,
  count(*) AS failed,
  min(moment) AS first_seen,
  max(moment) AS last_seen
FROM recent
WHERE status >= 400
GROUP BY path, status
ORDER BY failed DESC, failure
LIMIT 15
