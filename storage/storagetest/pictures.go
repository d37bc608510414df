package storagetest

import (
	"github.com/doorward/doorward/authcore"
)

func samplePicture(device, digest string) authcore.Picture {
	return authcore.Picture{
		DeviceID: device, Digest: []byte(digest), Label: "alice", CreatedAt: start, ExpiresAt: start.Add(authcore.PictureLifetime),
	}
}
