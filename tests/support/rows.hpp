// Short hands for rows that tests write.
#pragma once

#include <string>
#include <vector>

#include "io/output_file.hpp"
#include "records/row_json.hpp"

namespace persona4rec::test {

template <class Row>
void write_rows(const std::filesystem::path& path, const std::vector<Row>& rows) {
  OutputFile file(path);
  for (const auto& row : rows) file.write_row(to_json(row));
  file.commit();
}

}  // namespace persona4rec::test
