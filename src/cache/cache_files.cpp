#include "cache/cache_files.hpp"

#include "io/cache/cache_names.hpp"
#include "io/cache/embedding_file.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

std::string json_string(std::string_view text) {
  return Json(text).dump();
}

}  // namespace

void refuse_line_end(std::string_view line, const std::filesystem::path& path) {
  if (line.find_first_of("\r\n") == std::string_view::npos) return;
  throw Error(ErrorKind::kInput, "the id " + Json(std::string(line)).dump() + " holds a line end, and " +
                                     path.filename().string() + " has one id a line: rename it in the raw data");
}

void HalfMatrixWriter::append(std::span<const float> values) {
  std::vector<Half> block(values.size());
  to_halves(values, block);
  file_.write({reinterpret_cast<const char*>(block.data()), block.size() * sizeof(Half)});
}

void JsonListsWriter::append(std::string_view key, const std::vector<std::string>& values) {
  std::string text = first_ ? "\n" : ",\n";
  first_ = false;
  text += json_string(key) + ": [";
  for (std::size_t i = 0; i < values.size(); ++i) text += (i == 0 ? "" : ", ") + json_string(values[i]);
  file_.write(text + "]");
}

void JsonListsWriter::commit() {
  file_.write("\n}\n");
  file_.commit();
}

SparseMatrixWriter::SparseMatrixWriter(const std::filesystem::path& folder, const std::string& prefix)
    : begin_(folder / cache_names::begin_file(prefix)),
      terms_(folder / cache_names::terms_file(prefix)),
      weights_(folder / cache_names::weights_file(prefix)) {
  write_values(begin_, std::span<const std::uint64_t>(&entries_, 1));
}

void SparseMatrixWriter::append(SparseView row) {
  entries_ += row.size();
  write_values(begin_, std::span<const std::uint64_t>(&entries_, 1));
  write_values(terms_, row.terms);
  write_values(weights_, row.weights);
}

void SparseMatrixWriter::commit() {
  for (OutputFile* file : {&begin_, &terms_, &weights_}) file->commit();
}

void write_sparse_matrix(const std::filesystem::path& folder, const std::string& prefix, const SparseMatrix& matrix) {
  SparseMatrixWriter file(folder, prefix);
  for (std::size_t i = 0; i < matrix.rows(); ++i) file.append(matrix.row(i));
  file.commit();
}

}  // namespace persona4rec
