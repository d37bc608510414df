package oath

import (
	"slices"
	"testing"
)

// The lowest counter wins, and every one is computed, wherever the match is.
func TestSearchComputesAllAndTakesTheLowest(t *testing.T) {
	for _, matching := range [][]int64{{}, {11}, {13}, {15}, {11, 12}, {12, 15}, {11, 12, 13, 14, 15}, {10, 16}} {
		var computed []int64
		generate := func(c int64) string {
			computed = append(computed, c)
			if slices.Contains(matching, c) {
				return "111111"
			}
			return "222222"
		}
		want := int64(none)
		for _, c := range matching {
			if c > 10 && c <= 15 {
				want = c
				break
			}
		}
		if got, ok := search("111111", 10, 15, generate); got != want || ok != (want != none) {
			t.Errorf("matching %v: got %d, %v; want %d", matching, got, ok, want)
		}
		computesAll(t, computed)

		computed = nil
		if got, ok := searchPair("222222", "111111", 10, 15, generate); ok && !slices.Contains(matching, got) {
			t.Errorf("matching %v: pair at %d", matching, got)
		}
		computesAll(t, computed)
	}
}

func computesAll(t *testing.T, computed []int64) {
	t.Helper()
	slices.Sort(computed)
	if !slices.Equal(computed, []int64{11, 12, 13, 14, 15}) {
		t.Errorf("computed %v, want 11 to 15", computed)
	}
}

func TestSearchPairTakesTheLowest(t *testing.T) {
	codes := "ababxab" // of the counters 0 to 6
	generate := func(c int64) string { return codes[c : c+1] }
	for _, c := range []struct {
		first, second string
		after, want   int64
	}{
		{"a", "b", -1, 1},
		{"a", "b", 0, 3},
		{"a", "b", 2, 6},
		{"a", "b", 5, none},
		{"b", "a", -1, 2},
		{"x", "a", -1, 5},
		{"b", "x", -1, 4},
		{"a", "x", -1, none},
		{"a", "a", -1, none},
	} {
		if got, ok := searchPair(c.first, c.second, c.after, 6, generate); got != c.want || ok != (c.want != none) {
			t.Errorf("%s%s after %d: got %d, %v; want %d", c.first, c.second, c.after, got, ok, c.want)
		}
	}
}

// The comparison alone would refuse these too; this is the rule by itself, so
// that neither stands only on the other.
func TestWellFormed(t *testing.T) {
	for _, digits := range []int{6, 8} {
		k := Key{Digits: digits}
		for code, want := range map[string]bool{
			"012345": digits == 6, "999999": digits == 6, "01234567": digits == 8, "99999999": digits == 8,
			"": false, "0": false, "01234": false, "0123456": false, "012345678": false,
			" 12345": false, "12345\n": false, "+12345": false, "-12345": false, "12345/": false, "12345:": false,
			" 1234567": false, "1234567\x00": false, "12e45678": false,
			"\uff11\uff12": false, "\u0661\u0662\u0663": false, "\u0661\u0662\u0663\u0664": false,
		} {
			if got := k.wellFormed(code); got != want {
				t.Errorf("%d digits, %q: %v, want %v", digits, code, got, want)
			}
		}
	}
}
