SELECT
  area,
  count(*) AS requests,
  count_if(result IN ('Hit', 'RefreshHit', 'OriginShieldHit')) AS hits,
  round(100.0 * count_if(result IN ('Hit', 'RefreshHit', 'OriginShieldHit')) / count(*), 1) AS hit_percent
FROM recent
GROUP BY area
ORDER BY requests DESC, area
