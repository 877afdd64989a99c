"""The media server's door (an SFU): WHIP to publish, WHEP to watch, in front of Janus.

Browsers, OBS and other programs speak HTTP with it (RFC 9725, draft-ietf-wish-whep-03); Janus
(https://janus.conf.meetecho.com/docs/videoroom.html) listens on loopback and speaks with this server alone. Who may do
what is in the token that the calls context makes; this server knows no people and no groups.
"""
