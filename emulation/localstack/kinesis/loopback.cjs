// Preloaded by LocalStack's Node processes (NODE_OPTIONS): a server that names no address listens on loopback alone.
// `kinesis-local` has no option for it. https://nodejs.org/api/net.html#serverlisten
'use strict';
const net = require('node:net');

const HOST = '127.0.0.1';
const EVERYWHERE = new Set([undefined, null, '', '0.0.0.0', '::']);
const listen = net.Server.prototype.listen;

net.Server.prototype.listen = function (first, second, ...rest) {
  if (first !== null && typeof first === 'object') {
    const isPort = first.path === undefined && first.fd === undefined && first._handle === undefined && first.handle === undefined;
    return listen.call(this, isPort && EVERYWHERE.has(first.host) ? { ...first, host: HOST } : first, second, ...rest);
  }
  const isPort = first === undefined || typeof first === 'number' || /^\d+$/.test(String(first));
  if (!isPort) return listen.call(this, first, second, ...rest);
  if (typeof second === 'string') return listen.call(this, first, EVERYWHERE.has(second) ? HOST : second, ...rest);
  // Without an address: `second` is the backlog, the callback or nothing.
  return listen.call(this, first, HOST, ...(second === undefined ? [] : [second]), ...rest);
};
