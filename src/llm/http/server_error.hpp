// What a service says when it does not answer: JSON in its various shapes, HTML, text.
// Thread-safety: re-entrant.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "persona4rec/json.hpp"

namespace persona4rec {

struct ServerError {
  std::string message;  // one short line, UTF-8
  std::string code;     // "context_length_exceeded", "insufficient_quota", ...; may be empty
  std::string type;     // what OpenAI says beside the code; may be empty
  int status = 0;       // an HTTP status that stands in place of the code; 0 = none

  // Whether message, code or type contains one of these, which stand in lower case.
  [[nodiscard]] bool mentions(std::initializer_list<const char*> words) const;
  // Whether code or type is one of these.
  [[nodiscard]] bool has_code(std::initializer_list<const char*> codes) const;
};

// The body of a reply that is no completion.
[[nodiscard]] ServerError parse_error(std::string_view body);
[[nodiscard]] ServerError read_error(const Json& body);

}  // namespace persona4rec
