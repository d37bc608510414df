// Package storage keeps what the core decides: users, devices, sessions,
// counters of tries, keys, epochs and the audit trail, in an SQL database.
//
// One file is one table, with the SQL beside the method that runs it. The SQL
// is the same for SQLite and PostgreSQL; what differs is in a [Dialect].
//
// What the tables share:
//   - A time is an integer, milliseconds since 1970 UTC; 0 is "none". So a time
//     comes back in UTC and cut to the millisecond.
//   - A boolean is 0 or 1.
//   - A sealed value is a blob; only the core can open it.
//   - What is read does not decide what is written, unless a row was locked
//     before. One statement decides, and the number of rows it touched says who
//     won.
package storage
