// A model's reply: the JSON in it and its check against a stage's schema.
#include "asking/reply_check.hpp"
#include "fuzz/fuzz_target.hpp"

namespace persona4rec {

FUZZ_TARGET(reply_check) {
  static const auto schema = std::make_shared<const Json>(Json::parse(R"({"type": "object",
    "properties": {"name": {"type": ["string", "null"], "maxLength": 20},
                   "count": {"type": "integer"},
                   "share": {"type": "number"},
                   "kind": {"type": "string", "enum": ["P1", "P2"]},
                   "personas": {"type": "array", "minItems": 1, "maxItems": 3,
                                "items": {"type": "object", "properties": {"Name": {"type": "string", "minLength": 1}},
                                          "required": ["Name"], "additionalProperties": false}}},
    "required": ["name", "count", "share", "kind", "personas"], "additionalProperties": false})"));
  const ChatRequest request{.stage = "personas",
                            .label = "fuzzed",
                            .system = {},
                            .user = {},
                            .schema = schema,
                            .sampling = {},
                            .facts = {},
                            .check = {}};
  std::string problem;
  if (const auto answer = check_reply(input, request, problem)) fuzz::use(answer->dump());  // it must be writable
}

}  // namespace persona4rec
