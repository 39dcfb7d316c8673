package objects

import (
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/s3api/utils"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// trailing is a body whose checksum comes after it; the reader checks it itself.
type trailing interface {
	Algorithm() string
	Checksum() string
}

// summed is a body that is being checked against what its headers promised.
type summed struct {
	io.Reader
	sum func() *checksum
}

// checked returns the body with a check against the first checksum given, or against the one that trails it.
func checked(body io.Reader, algorithm types.ChecksumAlgorithm, given s3response.Checksum) (summed, error) {
	if reader, ok := body.(trailing); ok && reader.Algorithm() != "" {
		return summed{body, func() *checksum {
			return &checksum{
				Algorithm: types.ChecksumAlgorithm(strings.ToUpper(reader.Algorithm())),
				Type:      types.ChecksumTypeFullObject,
				Value:     reader.Checksum(),
			}
		}}, nil
	}
	expected := ""
	for name, value := range values(given) {
		if value != nil {
			algorithm, expected = name, *value
		}
	}
	if algorithm == "" {
		return summed{body, func() *checksum { return nil }}, nil
	}
	reader, err := utils.NewHashReader(body, expected, utils.HashType(strings.ToLower(string(algorithm))))
	if err != nil {
		return summed{}, s3err.GetAPIError(s3err.ErrInvalidRequest)
	}
	return summed{reader, func() *checksum {
		return &checksum{Algorithm: algorithm, Type: types.ChecksumTypeFullObject, Value: reader.Sum()}
	}}, nil
}

// values gives the fields of S3's checksum structure their algorithms.
func values(sums s3response.Checksum) map[types.ChecksumAlgorithm]*string {
	return map[types.ChecksumAlgorithm]*string{
		types.ChecksumAlgorithmCrc32:     sums.CRC32,
		types.ChecksumAlgorithmCrc32c:    sums.CRC32C,
		types.ChecksumAlgorithmCrc64nvme: sums.CRC64NVME,
		types.ChecksumAlgorithmSha1:      sums.SHA1,
		types.ChecksumAlgorithmSha256:    sums.SHA256,
	}
}

// spread is the inverse of values, for one checksum or none.
func (c *checksum) spread() s3response.Checksum {
	if c == nil {
		return s3response.Checksum{}
	}
	out := s3response.Checksum{Algorithm: c.Algorithm, Type: c.Type}
	switch c.Algorithm {
	case types.ChecksumAlgorithmCrc32:
		out.CRC32 = &c.Value
	case types.ChecksumAlgorithmCrc32c:
		out.CRC32C = &c.Value
	case types.ChecksumAlgorithmCrc64nvme:
		out.CRC64NVME = &c.Value
	case types.ChecksumAlgorithmSha1:
		out.SHA1 = &c.Value
	case types.ChecksumAlgorithmSha256:
		out.SHA256 = &c.Value
	}
	return out
}

// combine returns the checksum of an object from those of its parts: of the whole object for CRCs where the upload
// asked for that, else the checksum of the parts' checksums. Without one for every part there is none.
func combine(algorithm types.ChecksumAlgorithm, kind types.ChecksumType, parts []part) (*checksum, error) {
	if algorithm == "" {
		return nil, nil
	}
	for _, p := range parts {
		if p.Checksum == nil || p.Checksum.Algorithm != algorithm {
			return nil, nil
		}
	}
	if kind == types.ChecksumTypeFullObject {
		whole := parts[0].Checksum.Value
		for _, p := range parts[1:] {
			var err error
			if whole, err = utils.AddCRCChecksum(algorithm, whole, p.Checksum.Value, p.Size); err != nil {
				return nil, err
			}
		}
		return &checksum{Algorithm: algorithm, Type: kind, Value: whole}, nil
	}
	reader, err := utils.NewCompositeChecksumReader(utils.HashType(strings.ToLower(string(algorithm))))
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		if err := reader.Process(p.Checksum.Value); err != nil {
			return nil, err
		}
	}
	value := fmt.Sprintf("%s-%d", reader.Sum(), len(parts))
	return &checksum{Algorithm: algorithm, Type: types.ChecksumTypeComposite, Value: value}, nil
}

// promised says whether a completion's own checksum, if it has one, is the one that came out.
func (c *checksum) promised(in *s3.CompleteMultipartUploadInput) error {
	if c == nil {
		return nil
	}
	given := values(s3response.Checksum{
		CRC32: in.ChecksumCRC32, CRC32C: in.ChecksumCRC32C, CRC64NVME: in.ChecksumCRC64NVME,
		SHA1: in.ChecksumSHA1, SHA256: in.ChecksumSHA256,
	})[c.Algorithm]
	if given == nil || *given == c.Value || strings.HasPrefix(c.Value, *given+"-") {
		return nil
	}
	return s3err.GetChecksumBadDigestErr(c.Algorithm)
}
