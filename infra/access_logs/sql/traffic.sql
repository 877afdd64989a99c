SELECT
  date_trunc('hour', moment) AS hour,
  count(*) AS requests,
  count_if(status BETWEEN 400 AND 499) AS refused,
  count_if(status >= 500) AS failed
FROM recent
GROUP BY 1
ORDER BY 1
