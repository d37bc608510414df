package elcoin

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/doorward/doorward/authcore"
)

// How many records are listed.
const (
	defaultLimit = 100
	maxLimit     = 1000
	maxPage      = 1_000_000
)

// query is what a body asks for.
type query struct {
	authcore.DeviceQuery
	uid                  string
	none                 bool // a list of ids that has none
	onlyTotal, skipTotal bool
}

// search lists records, the oldest first.
func search(x *exchange) (answer, error) {
	q, err := readQuery(x.Body)
	if err != nil {
		return answer{}, err
	}
	if q.uid != "" {
		d, err := x.device(nil, q.uid)
		q.Numbers, q.none = []int64{d.Number}, q.none || authcore.CodeOf(err) == authcore.CodeNotFound
		if err != nil && !q.none {
			return answer{}, err
		}
	}
	if q.none {
		return answer{0, []record{}}, nil
	}
	devices, total, err := x.Core.Devices.Find(x.Context(), x.actor, q.DeviceQuery)
	if authcore.ReasonOf(err) == authcore.ReasonNoUser { // who there is not has none
		return answer{0, []record{}}, nil
	}
	if err != nil {
		return answer{}, err
	}
	list, err := x.records(devices...)
	if q.skipTotal && !q.onlyTotal {
		total = int64(len(list))
	}
	return answer{total, list}, err
}

// readQuery reads a body; an empty one asks for all.
func readQuery(body []byte) (q query, err error) {
	o := object{}
	if len(body) > 0 {
		if o, err = decode(body); err != nil {
			return q, err
		}
	}
	q.Kinds = kinds()
	for _, read := range []func(object) error{q.readFilters, q.readIDs, q.readPages, q.readTotals} {
		if err := read(o); err != nil {
			return q, err
		}
	}
	return q, nil
}

func (q *query) readFilters(o object) (err error) {
	if q.UserID, err = o.text("client_code", maxWord); err != nil {
		return err
	}
	kind, err := o.word("device_type", deviceTypes)
	if err != nil {
		return err
	}
	if kind != "" {
		q.Kinds = []authcore.DeviceKind{authcore.DeviceKind(kind)}
	}
	status, err := o.word("device_status", deviceStatuses)
	if err != nil {
		return err
	}
	q.Statuses = statusesOf[status]
	number, err := o.text("device_number", maxNumber)
	switch {
	case strings.HasPrefix(number, "+"):
		number = canonicalNumber(authcore.KindPhone, number)
	case !strings.Contains(number, "/"):
		number = canonicalNumber(authcore.KindEmail, number)
	}
	q.Address = number
	return err
}

// idList is a list as the vendor writes it: in a text.
var idList = regexp.MustCompile(`^\[\s*(?:[0-9]{1,18}(?:\s*,\s*[0-9]{1,18})*)?\s*\]$`)

func (q *query) readIDs(o object) (err error) {
	if q.uid, err = o.uid(); err != nil {
		return err
	}
	id, err := o.number("id")
	if err != nil {
		return err
	}
	if id != nil && *id != 0 {
		q.Numbers = []int64{*id}
		return nil
	}
	if !o.has("id_list") {
		return nil
	}
	text, _ := o["id_list"].(string)
	parts := strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if !idList.MatchString(text) || len(parts) > maxLimit {
		return invalid("'id_list' is a text like [22,23,24], of %d at most", maxLimit)
	}
	for _, part := range parts {
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return invalid("'id_list' is a text like [22,23,24], of %d at most", maxLimit)
		}
		q.Numbers = append(q.Numbers, n)
	}
	q.none = len(parts) == 0
	return nil
}

func (q *query) readPages(o object) error {
	limit, err := o.number("limit")
	if err != nil {
		return err
	}
	page, err := o.number("page")
	if err != nil {
		return err
	}
	q.Limit = defaultLimit
	if limit != nil && *limit != 0 {
		if *limit > maxLimit {
			return invalid("'limit' is 1 to %d", maxLimit)
		}
		q.Limit = int(*limit)
	}
	if page != nil && *page > 1 {
		if *page > maxPage {
			return invalid("'page' is 1 to %d", maxPage)
		}
		q.Offset = int(*page-1) * q.Limit
	}
	for name, to := range map[string]*int64{"offsetid": &q.After, "offset_version": &q.NewerThan} {
		n, err := o.number(name)
		if err != nil {
			return err
		}
		if n != nil {
			*to = *n
		}
	}
	return nil
}

func (q *query) readTotals(o object) error {
	only, err := o.boolean("only_total")
	if err != nil {
		return err
	}
	skip, err := o.boolean("skip_total_records")
	q.onlyTotal, q.skipTotal = is(only), is(skip)
	if q.onlyTotal {
		q.Limit, q.Offset = 0, 0
	}
	return err
}
