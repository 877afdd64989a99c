SELECT
  concat(CAST(status AS varchar), ' ', route) AS failure,
  count(*) AS failed,
  max(authorizer_error) AS an_authorizer_error,
  max(integration_error) AS an_integration_error
FROM calls
WHERE status IN (401, 403, 429) OR status >= 500
GROUP BY route, status
ORDER BY failed DESC, failure
LIMIT 15
