// The encodings of MIME: header values (RFC 2047) and bodies (RFC 2045).
#pragma once

#include <string>
#include <string_view>

namespace wf::channels {

/// Unstructured text as a header value: itself when it is plain ASCII of at most 900 bytes, else encoded
/// words of at most 75 bytes, folded. `text` is UTF-8 without control characters.
std::string encode_header_text(std::string_view text);

/// A display name: a plain phrase, a quoted string or encoded words.
std::string encode_display_name(std::string_view name);

/// A part: its `Content-Type` and `Content-Transfer-Encoding` lines, an empty line and the body,
/// quoted-printable or base64, whichever is shorter; lines of at most 76 bytes; every line end of `body`
/// becomes CRLF.
std::string encode_text_part(std::string_view subtype, std::string_view body);

}  // namespace wf::channels
