package qitech

import "time"

// brasilia is the offset that the vendor's sample has in device_registration_data. There is
// no summer time since 2019.
var brasilia = time.FixedZone("", -3*60*60)

// withMillis writes a time as in the answers to actions: 2024-12-22T20:30:23.459Z.
func withMillis(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

// inUTC writes a time as in a device that is shown: 2025-06-30T14:52:13Z.
func inUTC(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05Z") }

// inBrasilia writes the same instant as 2025-06-30T11:52:13-03:00.
func inBrasilia(at time.Time) string { return at.In(brasilia).Format("2006-01-02T15:04:05-07:00") }
