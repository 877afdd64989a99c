WITH requests AS (
  SELECT
    {moment_of_gateway} AS moment,
    concat(method, ' ', {shape_of_path}) AS route,
    TRY_CAST(status AS integer) AS status,
    TRY_CAST(latency AS double) AS milliseconds,
    authorizererror AS authorizer_error,
    integrationerror AS integration_error
  FROM gateway_access_log
  WHERE epoch <> '-'{days}
),
calls AS (
  SELECT * FROM requests
  WHERE moment > {now} - INTERVAL '{hours}' HOUR
)
