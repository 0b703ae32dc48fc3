-- For wrk: GET of the URL; arguments: [TOKEN]. Prints one line of JSON.
function init(arguments)
  if arguments[1] then wrk.headers["Authorization"] = "Bearer " .. arguments[1] end
end
function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('{"rate":%.2f,"count":%d,"failed":%d,"p50_ms":%.4f,"p99_ms":%.4f}\n',
    summary.requests / summary.duration * 1e6, summary.requests, failed,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
