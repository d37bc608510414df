package pskc

import "time"

// At makes it another time for a reader.
func (r *Reader) At(now time.Time) { r.now = func() time.Time { return now } }
