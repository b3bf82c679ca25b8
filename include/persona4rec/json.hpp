// The JSON value type of rows, prompts, config and meta files: keys keep their order, so equal values give equal bytes.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace persona4rec {

using Json = nlohmann::ordered_json;

}  // namespace persona4rec

// What the library makes of this type is compiled once, in src/base/json.cpp, instead of in every file that uses it.
#define P4R_JSON_PARSER(EXTERN, INPUT)                                                                      \
  EXTERN template class lexer<ordered_json, INPUT>;                                                         \
  EXTERN template class parser<ordered_json, INPUT>;                                                        \
  EXTERN template bool parser<ordered_json, INPUT>::sax_parse_internal(json_sax_dom_parser<ordered_json>*); \
  EXTERN template bool parser<ordered_json, INPUT>::sax_parse_internal(json_sax_dom_callback_parser<ordered_json>*);
#define P4R_JSON_TEMPLATES(EXTERN)                                             \
  namespace nlohmann {                                                         \
  EXTERN template class basic_json<ordered_map>;                               \
  namespace detail {                                                           \
  EXTERN template class serializer<ordered_json>;                              \
  EXTERN template class json_sax_dom_parser<ordered_json>;                     \
  EXTERN template class json_sax_dom_callback_parser<ordered_json>;            \
  P4R_JSON_PARSER(EXTERN, iterator_input_adapter<std::string::const_iterator>) \
  P4R_JSON_PARSER(EXTERN, iterator_input_adapter<const char*>)                 \
  }                                                                            \
  }
P4R_JSON_TEMPLATES(extern)
