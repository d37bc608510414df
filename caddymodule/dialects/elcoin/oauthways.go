package elcoin

import (
	"slices"
	"strconv"

	"github.com/doorward/doorward/authcore"
)

// way is a device by which a login may go on, and how challenge_type names it.
type way struct {
	name   string // oob:<type>:<masked number>
	device authcore.Device
}

// ways are those of v's devices that count here and that the vendor has a word for. some says
// whether there is any that counts: a code of another kind needs no challenge.
func (x *oauthCall) ways(v *authcore.Verified) (ways []way, some bool, err error) {
	of, err := x.Core.Logins.Ways(x.Context(), v)
	if err != nil || len(of.Devices) == 0 {
		return nil, false, err
	}
	remembered, err := x.Core.Logins.Attributes(x.Context(), v, dialectName)
	if err != nil {
		return nil, false, err
	}
	return waysOf(of.Devices, remembered), true, nil
}

// waysOf names devices by their masked numbers. Two numbers may have one mask: every one
// after the first has its id behind, which stays.
func waysOf(devices []authcore.Device, remembered map[string]authcore.Attributes) (ways []way) {
	taken := map[string]bool{}
	for _, d := range devices {
		if !slices.Contains(kinds(), d.Kind) {
			continue
		}
		name := "oob:" + string(d.Kind) + ":" + recordOf(d, remembered[d.ID], "").NumberMasked
		if taken[name] {
			name += "#" + strconv.FormatInt(d.Number, 10)
		}
		taken[name] = true
		ways = append(ways, way{name, d})
	}
	return ways
}

func namesOf(ways []way) []string {
	names := make([]string, len(ways))
	for i, w := range ways {
		names[i] = w.name
	}
	return names
}

func choose(ways []way, name string) (way, bool) {
	i := slices.IndexFunc(ways, func(w way) bool { return w.name == name })
	if i < 0 {
		return way{}, false
	}
	return ways[i], true
}
