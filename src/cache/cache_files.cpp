#include "cache/cache_files.hpp"

#include "base/bulk/json_text.hpp"
#include "io/cache/cache_names.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
void refuse_line_end(std::string_view line, const std::filesystem::path& path) {
  if (line.find_first_of("\r\n") == std::string_view::npos) return;
  throw Error(ErrorKind::kInput, "the id " + Json(std::string(line)).dump() + " holds a line end, and " +
                                     path.filename().string() + " has one id a line: rename it in the raw data");
}

void HalfMatrixWriter::append(std::span<const float> values) {
  block_.resize(values.size());
  to_halves(values, block_);
  file_.write({reinterpret_cast<const char*>(block_.data()), block_.size() * sizeof(Half)});
}

void JsonListsWriter::append(std::string_view key, const std::vector<std::string>& values) {
  text_ = first_ ? "\n" : ",\n";
  first_ = false;
  append_json(text_, key);
  text_ += ": [";
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text_ += ", ";
    append_json(text_, values[i]);
  }
  text_ += ']';
  file_.write(text_);
}

void JsonListsWriter::commit() {
  file_.write("\n}\n");
  file_.commit();
}

SparseMatrixWriter::SparseMatrixWriter(const std::filesystem::path& folder, const std::string& prefix)
    : begin_(OutputFile::in_folder(folder / cache_names::begin_file(prefix))),
      terms_(OutputFile::in_folder(folder / cache_names::terms_file(prefix))),
      weights_(OutputFile::in_folder(folder / cache_names::weights_file(prefix))) {
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
