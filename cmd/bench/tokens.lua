-- For wrk: every request shows the next token of a file. One token is a file
-- with one line.
--   wrk … -- FILE NUMBER-OF-THE-FIRST
local requests, at = {}, 0

function init(args)
	-- What every browser says too.
	wrk.headers["User-Agent"] = "bench"
	wrk.headers["Accept"] = "*/*"
	wrk.headers["Accept-Encoding"] = "gzip"
	wrk.headers["Accept-Language"] = "en"
	for token in io.lines(args[1]) do
		wrk.headers["Authorization"] = "Bearer " .. token
		requests[#requests + 1] = wrk.format("GET")
	end
	at = tonumber(args[2])
end

function request()
	at = at % #requests + 1
	return requests[at]
end

function done(summary, latency)
	local e = summary.errors
	io.write(string.format(
		'bench: {"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"refused":%d,"broken":%d}\n',
		summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
		e.status, e.connect + e.read + e.write + e.timeout))
end
