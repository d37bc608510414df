package pages

import "time"

// client is the kind of the devices that are a browser or an app.
const client = "client"

// Browser is the Data of "browser": one that is not registered.
type Browser struct {
	Name    string // what it will be known by; empty: it says nothing of itself
	Ways    []Way
	Full    bool // he has as many as there may be
	Blocked bool // it was registered, and asks for nothing now
	Wait    int  // minutes until it makes sense to try again; 0: none
}

// Way is one in which a browser can be let in.
type Way struct {
	Way     string // what is posted
	Word    string // phone, email, device or operator: what it is
	Address string // where a token is sent to, masked; empty: none is
}

// BrowserCode is the Data of "browser_code": a token was sent.
type BrowserCode struct {
	Address string // where to, masked
	Serial  string // what it is known by where it can be let in as well
	Wait    int    // minutes until it makes sense to try again; 0: none
}

// BrowserWait is the Data of "browser_wait": somebody has to let it in elsewhere.
type BrowserWait struct {
	Name, Serial string
	Still        bool // the page does not look again by itself
}

// Approvals is what waits for somebody.
type Approvals struct {
	Waiting []Waiting
	Bound   bool // this session is on a registered device, where others are let in
	Strict  bool // only registered devices let his new ones in
}

// Waiting is a device that wants to be let in.
type Waiting struct {
	OwnDevice
	Account string // that an app asks for it on; empty: it is a browser of one's own
	Key     string // what its app calls it
	AskedBy string // the integrator that asked; empty: he himself
	Since   time.Time
}

var sampleClient = OwnDevice{Serial: "E7K2QX9M4TBC", Name: "Firefox, Linux", Kind: client, Status: "active", Added: sampleTime, Here: true, Active: true}

// browserSamples are the pages of a browser that is being registered, and of who
// lets it in.
var browserSamples = []View{
	{Page: "browser", Title: "browser.title", User: "alice", To: "/reports", Data: Browser{Name: "Firefox, Linux", Ways: []Way{
		{"device", "device", ""}, {"phone", "phone", "+7900***4567"}, {"email", "email", "a***@e***.com"},
	}}},
	{Page: "browser", Title: "browser.title", User: "alice", Error: "browser.lapsed", Data: Browser{Ways: []Way{{"device", "operator", ""}}}},
	{Page: "browser", Title: "browser.title", User: "alice", Error: "code.notsent.throttled", Data: Browser{Wait: 5}},
	{Page: "browser", Title: "browser.title", User: "alice", Error: "browser.full", Data: Browser{Full: true, Ways: []Way{{"device", "device", ""}}}},
	{Page: "browser", Title: "browser.title", User: "alice", Data: Browser{Blocked: true}},
	{Page: "browser_code", Title: "browser_code.title", User: "alice", Data: BrowserCode{Address: "+7900***4567", Serial: "E7K2QX9M4TBC"}},
	{Page: "browser_code", Title: "browser_code.title", User: "alice", Error: "browser_code.refused", Field: "code", Data: BrowserCode{Serial: "E7K2QX9M4TBC", Wait: 5}},
	{Page: "browser_wait", Title: "browser_wait.title", User: "alice", Data: BrowserWait{Name: "Firefox, Linux", Serial: "E7K2QX9M4TBC"}},
	{Page: "browser_wait", Title: "browser_wait.title", User: "alice", Data: BrowserWait{Serial: "E7K2QX9M4TBC", Still: true}},
	{Page: "approvals", Title: "approvals.title", User: "alice", Done: "approvals.done.refused", Data: Approvals{}},
	{Page: "approvals", Title: "approvals.title", User: "alice", Error: "approvals.gone", Data: Approvals{Bound: true, Strict: true, Waiting: []Waiting{
		{sampleClient, "", "", "", sampleTime},
		{OwnDevice{Serial: "F7K2QX9M4TBC", Kind: client}, "acme", "c9a1b9f6-6b1e-4f0e-9d2c-1f2a3b4c5d6e", "bank", sampleTime},
		{OwnDevice{Serial: "G7K2QX9M4TBC", Kind: client}, "acme", "d9a1b9f6-6b1e-4f0e-9d2c-1f2a3b4c5d6e", "", sampleTime},
	}}},
	{Page: "approvals", Title: "approvals.title", User: "alice", Data: Approvals{Bound: true}},
	{Page: "approvals", Title: "approvals.title", User: "alice", Data: Approvals{Strict: true, Waiting: []Waiting{{sampleClient, "", "", "", sampleTime}}}},
}

func init() { samples = append(samples, browserSamples...) }
