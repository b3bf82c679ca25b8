// The JSON value type of rows, prompts, config and meta files: keys keep their order, so equal values give equal bytes.
#pragma once

#include <nlohmann/json.hpp>

namespace persona4rec {

using Json = nlohmann::ordered_json;

}  // namespace persona4rec
