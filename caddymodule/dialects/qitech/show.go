package qitech

import (
	"net/http"

	"github.com/doorward/doorward/authcore"
)

// shown is all that is told of a device. The order of the members is the wire's.
type shown struct {
	Key            string         `json:"device_key"`
	Session        string         `json:"session_id"`
	AnalysisStatus string         `json:"analysis_status"`
	Status         string         `json:"status"`
	Registration   registration   `json:"device_registration_data"`
	AnalysisEvents []analysisStep `json:"analysis_status_events"`
	StatusEvents   []statusStep   `json:"status_events"`
	RegisteredAt   *string        `json:"registration_date"`
	CreatedAt      string         `json:"created_at"`
}

type registration struct {
	Key          string  `json:"device_key"`
	Session      string  `json:"session_id"`
	Document     string  `json:"document_number"`
	RegisteredAt *string `json:"registration_date"`
	Face         *string `json:"face_recognition_key"`
}

type analysisStep struct {
	Status      string  `json:"new_analisys_status"` //nolint:misspell // so the vendor writes it
	Reason      *string `json:"reason"`
	Description *string `json:"reason_description"`
	At          string  `json:"event_date"`
}

type statusStep struct {
	Status string `json:"new_status"`
	At     string `json:"event_date"`
}

func show(x *exchange) (int, any, error) {
	d, err := x.Core.Approvals.Show(x.Context(), x.actor, x.ref())
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, whole(d), nil
}

// list is ours: the vendor lists no devices.
func list(x *exchange) (int, any, error) {
	all, err := x.Core.Approvals.List(x.Context(), x.actor, x.account, x.Origin)
	if err != nil {
		return 0, nil, err
	}
	answer := struct {
		Data []shown `json:"data"`
	}{make([]shown, len(all))}
	for i, d := range all {
		answer.Data[i] = whole(d)
	}
	return http.StatusOK, answer, nil
}

// whole shows a device with its histories.
func whole(d authcore.ClientDevice) shown {
	s := shown{
		Key: d.Key, Session: d.Session, AnalysisStatus: analysisOf(d), Status: statusOf(d.Status),
		Registration:   registration{Key: d.Key, Session: d.Session, Document: formatted(d.Document), Face: optional(d.Face)},
		AnalysisEvents: []analysisStep{}, StatusEvents: []statusStep{}, CreatedAt: inUTC(d.CreatedAt),
	}
	if s.Registration.Face == nil { // nothing is registered yet
		s.Registration.Face = optional(d.Approval.Face)
	}
	was, told := authcore.DeviceStatus(""), ""
	for _, change := range d.History {
		if a, ok := analysed(change, was); ok {
			s.AnalysisEvents = append(s.AnalysisEvents, a)
		}
		if now := statusOf(change.Status); now != told {
			s.StatusEvents = append(s.StatusEvents, statusStep{now, inUTC(change.At)})
			told = now
		}
		if change.Status == authcore.StatusActive && was != authcore.StatusBlocked {
			s.RegisteredAt, s.Registration.RegisteredAt = optional(inUTC(change.At)), optional(inBrasilia(change.At))
		}
		was = change.Status
	}
	return s
}

// optional is null when there is nothing.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// formatted shows a document as 438.858.048-16.
func formatted(digits string) string {
	if len(digits) != 11 {
		return digits
	}
	return digits[:3] + "." + digits[3:6] + "." + digits[6:9] + "-" + digits[9:]
}
