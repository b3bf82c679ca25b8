// The rows of a JSON Lines text, as JSON.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "persona4rec/json.hpp"

namespace persona4rec::test {

inline std::vector<Json> json_lines(const std::string& text) {
  std::vector<Json> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) rows.push_back(Json::parse(line));
  return rows;
}

}  // namespace persona4rec::test
