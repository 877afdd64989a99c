, windows AS (
  SELECT caller, {five_minutes} AS began, count(*) AS requests
  FROM recent
  GROUP BY 1, 2
)
SELECT
  caller,
  sum(requests) AS requests,
  max(requests) AS most_in_five_minutes,
  round(100.0 * max(requests) / {rate}, 1) AS percent_of_the_rule,
  count_if(requests > {rate}) AS windows_over_the_rule
FROM windows
GROUP BY caller
ORDER BY most_in_five_minutes DESC, caller
LIMIT 15
