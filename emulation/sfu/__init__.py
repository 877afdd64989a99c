"""The front of the media server (an SFU): WHIP to publish, WHEP to watch, in front of Janus.

Browsers, OBS and other programs speak HTTP with it (RFC 9725, draft-ietf-wish-whep-03); Janus
(https://janus.conf.meetecho.com/docs/videoroom.html) listens on loopback and speaks with this server alone. The calls
context puts the rights into tokens; this server knows no people and no groups.
"""
