WITH requests AS (
  SELECT
    {moment_of_viewer} AS moment,
    c_ip AS caller,
    concat(cs_method, ' ', {shape_of_stem}) AS path,
    CASE
      WHEN cs_uri_stem LIKE '/v1/%' OR cs_uri_stem LIKE '/v2/%' THEN 'API'
      WHEN cs_uri_stem LIKE '/media/public/%' THEN 'public media'
      WHEN cs_uri_stem LIKE '/media/%' THEN 'signed media'
      WHEN cs_uri_stem LIKE '/assets/%' THEN 'scripts, styles, fonts'
      ELSE 'pages'
    END AS area,
    sc_status AS status,
    x_edge_result_type AS result,
    sc_bytes AS bytes,
    time_taken * 1000 AS milliseconds,
    replace(cs_user_agent, '%20', ' ') AS agent
  FROM cloudfront_access_log
),
recent AS (
  SELECT * FROM requests
  WHERE moment > {now} - INTERVAL '{hours}' HOUR
)
