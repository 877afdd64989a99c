SELECT
  area,
  count(*) AS requests,
  round(sum(bytes) / 1e6, 2) AS megabytes,
  round(avg(bytes) / 1e3, 1) AS kilobytes_each
FROM recent
GROUP BY area
ORDER BY megabytes DESC, area
