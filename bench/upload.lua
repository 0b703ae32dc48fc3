-- For wrk: the same body again and again; arguments: METHOD FILE [TOKEN]. Prints one line of JSON.
function init(arguments)
  local file = assert(io.open(arguments[2], "rb"))
  wrk.method = arguments[1]
  wrk.body = file:read("*a")
  file:close()
  wrk.headers["Content-Type"] = "application/octet-stream"
  wrk.headers["Elsec-Filename"] = "befund.bin"
  if arguments[3] then wrk.headers["Authorization"] = "Bearer " .. arguments[3] end
end
function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('{"rate":%.2f,"count":%d,"failed":%d,"p50_ms":%.4f,"p99_ms":%.4f}\n',
    summary.requests / summary.duration * 1e6, summary.requests, failed,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
