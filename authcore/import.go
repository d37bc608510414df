package authcore

import "time"

// Import is devices that come in one go and are not there for anybody until the
// last of them is.
type Import struct {
	ID        string // UUID
	Tenant    string
	TouchedAt time.Time // when its last batch came
}

// importIdle is how long an import may stand still before what it brought goes.
const importIdle = time.Hour
