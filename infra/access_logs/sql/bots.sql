SELECT
  agent,
  count(*) AS requests,
  count(DISTINCT caller) AS addresses,
  count_if(status >= 400) AS failed,
  round(sum(bytes) / 1e6, 2) AS megabytes
FROM recent
WHERE {is_robot}
GROUP BY agent
ORDER BY requests DESC, agent
LIMIT 15
