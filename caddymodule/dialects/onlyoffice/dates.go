package onlyoffice

import (
	"fmt"
	"regexp"
	"time"
	_ "time/tzdata" // names mean the same on a machine that has no zones
)

// zone is where dates are told.
type zone struct {
	location *time.Location
	// numeric writes +00:00 where a portal writes Z: there is a client that
	// can't read Z.
	numeric bool
}

var offset = regexp.MustCompile(`^[+-](0[0-9]|1[0-4]):[0-5][0-9]$`)

func parseZone(name string) (zone, error) {
	if offset.MatchString(name) {
		t, err := time.Parse("-07:00", name)
		_, seconds := t.Zone() // its location could be this machine's, which has a summer
		return zone{time.FixedZone("", seconds), true}, err
	}
	location, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" { // what is local is nobody's configuration
		return zone{}, fmt.Errorf("timezone '%s' is neither a name like Europe/Moscow, nor an offset like +03:00, nor UTC", name)
	}
	return zone{location: location}, nil
}

// date is a portal's: always seven digits of a second.
func (z zone) date(t time.Time) string {
	if z.numeric {
		return t.In(z.location).Format("2006-01-02T15:04:05.0000000-07:00")
	}
	return t.In(z.location).Format("2006-01-02T15:04:05.0000000Z07:00")
}

// noDate is how a portal writes that something ends with the session.
const noDate = "0001-01-01T00:00:00.0000000Z"
