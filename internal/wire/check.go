package wire

import "unicode/utf8"

func missing(field string) *Error { return Errorf(CodeBadParameter, "field %q is missing", field) }

func atMost(field, value string, limit int) *Error {
	if len(value) > limit {
		return Errorf(CodeBadParameter, "field %q has %d bytes, at most %d are allowed", field, len(value), limit)
	}
	if !utf8.ValidString(value) {
		return Errorf(CodeBadParameter, "field %q is not UTF-8", field)
	}
	return nil
}

func checkMeetID(id int64) *Error {
	if id < MinMeetID || id > MaxMeetID {
		return Errorf(CodeBadParameter, "meetID %d does not have 8 digits", id)
	}
	return nil
}

func checkVideoID(id int) *Error {
	if id != DefaultCamera && id < 1 {
		return Errorf(CodeBadParameter, "videoID %d is neither -1 nor above 0", id)
	}
	return nil
}

func firstError(errs ...*Error) *Error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
