// A client begins a trace, and does not decide that it is kept: of its header the ids go on, `Sampled` does not.
// API Gateway hands the header on as it is, and Lambda obeys `Sampled=1`; without it, X-Ray's sampling rules decide.
// https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
// Ids are taken for five minutes: a person who was sent a frame knows the id of its trace, and adds to none of earlier.
var HEADER = 'x-amzn-trace-id';
var BEGUN = /^(Root=1-([0-9a-f]{8})-[0-9a-f]{24}(;Parent=[0-9a-f]{16})?)(;|$)/;
var WITHIN_S = 300;

function handler(event) {
  var headers = event.request.headers;
  var sent = headers[HEADER];
  if (sent) {
    delete headers[HEADER];
    var found = sent.multiValue ? null : BEGUN.exec(sent.value);
    if (found && Math.abs(Date.now() / 1000 - parseInt(found[2], 16)) <= WITHIN_S) {
      headers[HEADER] = { value: found[1] };
    }
  }
  return event.request;
}
