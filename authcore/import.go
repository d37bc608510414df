package authcore

import "time"

// Import is devices that come in one go and are not there for anybody until the
// last of them is.
type Import struct {
	ID        string // UUID
	Tenant    string
	TouchedAt time.Time // when its last batch came; zero: it is being dropped
}

// SerialHolder is a device that has a serial.
type SerialHolder struct {
	Device
	ImportID string // of the import that brings it and has not ended; empty: it is there
}

// importIdle is how long an import may stand still before what it brought goes.
const importIdle = time.Hour
