package pages

import (
	"slices"
	"time"
)

// OwnDevice is what a page says of one of one's own devices: it has no secret that
// an operator's template could show (DEV-07).
type OwnDevice struct {
	Serial, Name, Kind, Status, Address string
	Used, Added                         time.Time // Used is zero: never
	Here                                bool      // its code opened this session, or the session is on it
	Active                              bool
}

// OwnDevices is one's own list, and what can be added to it.
type OwnDevices struct {
	Devices []OwnDevice // of every kind
	Kinds   []string
	Backup  Backup
	Waiting int // new devices that he decides about
}

// Makers are those that codes come from.
func (o OwnDevices) Makers() []OwnDevice {
	return slices.DeleteFunc(slices.Clone(o.Devices), func(d OwnDevice) bool { return d.Kind == client })
}

// Clients are the browsers and apps among them.
func (o OwnDevices) Clients() []OwnDevice {
	return slices.DeleteFunc(slices.Clone(o.Devices), func(d OwnDevice) bool { return d.Kind != client })
}

// Backup is how many backup codes one has, and the codes themselves in the one
// answer that makes them.
type Backup struct {
	All, Left int
	Set       int64 // which ones they are
	Codes     []string
}

// OneDevice is a device, with the name that was typed for it.
type OneDevice struct {
	OwnDevice
	Typed string
}

// Confirm asks whether a device is to be stopped: Word says how, block or remove.
type Confirm struct {
	OwnDevice
	Word string
}

// OwnSession is what a page says of one of one's own.
type OwnSession struct {
	ID, Address     string
	Browser, System string // empty: not known
	Door            string // the key of what it came through
	Site            string // empty: the usual one
	Everywhere      bool   // it counts for all sites
	Since           time.Time
	Device          OwnDevice // whose code opened it
	Client          OwnDevice // the registered one that it is on; of no kind: none
	Here            bool      // it is this one
}

// When what the samples show happened, and the devices that they show.
var (
	sampleTime   = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	sampleApp    = OwnDevice{Serial: "A7K2QX9M4TBC", Name: "Blue phone", Kind: "totp", Status: "active", Used: sampleTime, Added: sampleTime, Here: true, Active: true}
	sampleNumber = OwnDevice{Serial: "B7K2QX9M4TBC", Kind: "phone", Status: "blocked", Address: "+79001234567", Added: sampleTime}
	sampleLetter = OwnDevice{Serial: "C7K2QX9M4TBC", Name: "Office", Kind: "email", Status: "pending", Address: "alice@example.com", Added: sampleTime}
	sampleMobile = OwnDevice{Serial: "H7K2QX9M4TBC", Kind: "mobile_application", Status: "pending", Added: sampleTime}
	sampleSystem = OwnDevice{Serial: "J7K2QX9M4TBC", Name: "Bank", Kind: "http", Status: "active", Added: sampleTime, Active: true}
	sampleQueue  = OwnDevice{Serial: "K7K2QX9M4TBC", Kind: "stomp", Status: "active", Added: sampleTime, Active: true}
	sampleToken  = OwnDevice{Serial: "D7K2QX9M4TBC", Kind: "hotp", Status: "active", Used: sampleTime, Added: sampleTime, Active: true}
)

// accountSamples are the pages of one's own account, with everything that they
// may say.
var accountSamples = []View{
	{Page: "devices", Title: "devices.title", User: "alice", Data: OwnDevices{}},
	{Page: "devices", Title: "devices.title", User: "alice", Done: "devices.done.added", Data: OwnDevices{
		[]OwnDevice{sampleApp, sampleNumber, sampleLetter, sampleToken, sampleMobile, sampleSystem, sampleQueue}, []string{"totp", "phone", "email"}, Backup{All: 5, Left: 4}, 0,
	}},
	{Page: "devices", Title: "devices.title", User: "alice", Done: "devices.done.renamed", Data: OwnDevices{Devices: []OwnDevice{sampleClient}, Waiting: 2}},
	{Page: "devices", Title: "devices.title", User: "alice", Done: "devices.done.blocked", Data: OwnDevices{}},
	{Page: "devices", Title: "devices.title", User: "alice", Done: "devices.done.removed", Data: OwnDevices{}},
	{Page: "device", Title: "device.title", User: "alice", Data: OneDevice{sampleApp, sampleApp.Name}},
	{Page: "device", Title: "device.title", User: "alice", Data: OneDevice{sampleNumber, "\u202e"}, Error: "device.name.wrong", Field: "name"},
	{Page: "confirm", Title: "confirm.title.block", User: "alice", Data: Confirm{sampleApp, "block"}},
	{Page: "confirm", Title: "confirm.title.block", User: "alice", Data: Confirm{sampleNumber, "block"}, Error: "confirm.cannot"},
	{Page: "confirm", Title: "confirm.title.remove", User: "alice", Data: Confirm{sampleApp, "remove"}, Error: "confirm.last"},
	{Page: "confirm", Title: "confirm.title.block", User: "alice", Data: Confirm{sampleClient, "block"}},
	{Page: "confirm", Title: "confirm.title.remove", User: "alice", Data: Confirm{sampleClient, "remove"}},
	{Page: "backup", Title: "backup.title", User: "alice", Data: Backup{}},
	{Page: "backup", Title: "backup.title", User: "alice", Data: Backup{All: 5, Left: 4}, Error: "backup.conflict"},
	{Page: "backup", Title: "backup.title", User: "alice", Data: Backup{Codes: []string{"abcdefghijklm", "nopqrstuvwxyz"}}, Done: "backup.done"},
	{Page: "sessions", Title: "sessions.title", User: "alice", Done: "sessions.done.ended", Data: []OwnSession{
		{ID: "1", Address: "192.0.2.1", Browser: "Firefox", System: "Linux", Door: "sessions.door.browser", Since: sampleTime, Device: sampleApp, Client: sampleClient, Here: true},
		{ID: "2", Door: "sessions.door.onlyoffice", Site: "files", Since: sampleTime, Device: OwnDevice{Kind: "backup"}},
		{ID: "3", Door: "sessions.door.api", Everywhere: true, Since: sampleTime},
	}},
	{Page: "sessions", Title: "sessions.title", User: "alice", Done: "sessions.done.others", Data: []OwnSession{}},
	{Page: "password", Title: "password.title", User: "alice"},
	{Page: "password", Title: "password.title", User: "alice", Error: "password.none"},
	{Page: "password", Title: "password.title", User: "alice", Error: "password.wrong", Field: "present"},
	{Page: "password", Title: "password.title", User: "alice", Error: "password.throttled", Field: "present"},
	{Page: "password", Title: "password.title", User: "alice", Error: "password.unfit", Field: "new"},
	{Page: "password", Title: "password.title", User: "alice", Error: "password.differs", Field: "again"},
}

func init() { samples = append(samples, accountSamples...) }
