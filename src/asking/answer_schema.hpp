// What the schema of an answer may say, and whether an answer fits it.
//
// The portable subset of JSON Schema that prompts use: type (one or a list), enum, properties, required,
// additionalProperties (true or false), items, minItems, maxItems, minLength, maxLength (in code points). Other
// keywords (title, description) say nothing here. Thread-safety: re-entrant.
#pragma once

#include <string>

#include "persona4rec/json.hpp"

namespace persona4rec {

// Refuses a schema that some services would not take: beyond the subset above, every property must be required and
// additionalProperties false. Throws Error kUsage with the place: `source: at "$.personas[]": ...`.
void check_answer_schema(const Json& schema, const std::string& source);

// Empty when `answer` fits; else the first few problems for the model and for people, each with its place:
// `personas[2].Name: expected a string, got null; personas: expected at most 7 elements, got 9`.
[[nodiscard]] std::string check_schema(const Json& answer, const Json& schema);

}  // namespace persona4rec
