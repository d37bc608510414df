package faults

// footprint is what a gateway takes of the machine.
type footprint struct {
	Goroutines, Files, Threads, MB int
}

func (n *node) footprint() footprint {
	n.t.Helper()
	return footprint{n.goroutines(), n.files(), n.status("Threads"), n.status("VmRSS") >> 10}
}

// flat holds a footprint against the one before the fault.
func (x *experiment) flat(what string, before, now footprint) {
	x.t.Helper()
	x.note("before", before)
	x.note(what, now)
	if before.Goroutines <= 0 || now.Goroutines > before.Goroutines+80 || now.Files > before.Files+40 ||
		now.Threads > before.Threads+20 || now.MB > before.MB+64 {
		x.violate("%s: %+v, before: %+v", what, now, before)
	}
}
