// The Batch API of the fault server: files in memory, batches that are over after some polls.
//
// Config "batch": {"polls": 2,            GETs of a batch until it is over
//                  "final": "completed",  or "failed", "expired", "cancelled"
//                  "answer_every": 1,     one line in so many is left unanswered where "final" is expired or cancelled
//                  "reject_every": 0,     one line in so many gets a 4xx inside a line whose error is null
//                  "faults": ["length"],  fault of the answers, drawn round robin; default none
//                  "gone": "batch_2",     a batch that the service does not have; "files_are_gone": true, all files
//                  "no_output": "null"}   what stands for a file that is not there: null, "" or a missing key
#pragma once

#include <httplib.h>

#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "answers.hpp"
#include "config.hpp"

namespace llm_server {

class BatchApi {
 public:
  explicit BatchApi(const Config& config) : config_(config), plan_(config.batch) {}

  void add_to(httplib::Server& server) {
    using httplib::Request;
    using httplib::Response;
    server.Post("/v1/files", [this](const Request& request, Response& response) { upload(request, response); });
    server.Get(R"(/v1/files/([\w-]+)/content)",
               [this](const Request& request, Response& response) { content(request.matches[1], response); });
    server.Post("/v1/batches", [this](const Request& request, Response& response) { create(request, response); });
    server.Get(R"(/v1/batches/([\w-]+))",
               [this](const Request& request, Response& response) { poll(request.matches[1], response); });
    server.Get("/v1/batches", [this](const Request&, Response& response) { list(response); });
  }

  Json stats() {
    const std::lock_guard lock(mutex_);
    return {{"uploads", uploads_}, {"batches", batches_.size()}, {"lines", lines_}};
  }

 private:
  struct Batch {
    std::string id;
    std::string input;
    std::string status = "validating";
    std::string output;  // file ids
    std::string errors;
    std::uint64_t total = 0;
    int polls = 0;
  };

  void upload(const httplib::Request& request, httplib::Response& response) {
    const std::lock_guard lock(mutex_);
    if (!request.has_file("file") || request.get_file_value("purpose").content != "batch") {
      response.status = 400;
      response.set_content(R"({"error":{"message":"expected file and purpose=batch"}})", "application/json");
      return;
    }
    ++uploads_;
    const std::string id = store(request.get_file_value("file").content);
    response.set_content(Json{{"id", id}, {"object", "file"}, {"purpose", "batch"}}.dump(), "application/json");
  }

  void content(const std::string& id, httplib::Response& response) {
    const std::lock_guard lock(mutex_);
    if (!files_.contains(id) || plan_.value("files_are_gone", false)) {
      response.status = 404;
      response.set_content(R"({"error":{"message":"no such file"}})", "application/json");
      return;
    }
    response.set_content(files_[id], "application/jsonl");
  }

  void create(const httplib::Request& request, httplib::Response& response) {
    const std::lock_guard lock(mutex_);
    const Json body = Json::parse(request.body);
    Batch batch;
    batch.id = "batch_" + std::to_string(batches_.size() + 1);
    batch.input = body.at("input_file_id");
    std::istringstream in(files_.at(batch.input));
    for (std::string line; std::getline(in, line);) ++batch.total;
    lines_ += batch.total;
    batches_.push_back(batch);
    if (plan_.value("lose_create_reply", false) && batches_.size() == 1) {
      response.status = 500;  // made all the same
      response.set_content(R"({"error":{"message":"the gateway hiccuped"}})", "application/json");
      return;
    }
    response.set_content(describe(batch).dump(), "application/json");
  }

  void poll(const std::string& id, httplib::Response& response) {
    const std::lock_guard lock(mutex_);
    if (id == plan_.value("gone", std::string())) {
      response.status = 404;
      response.set_content(R"({"error":{"message":"No batch found with this id"}})", "application/json");
      return;
    }
    for (auto& batch : batches_) {
      if (batch.id != id) continue;
      if (++batch.polls >= plan_.value("polls", 1) && batch.output.empty() && batch.status != final_status())
        run(batch);
      response.set_content(describe(batch).dump(), "application/json");
      return;
    }
    response.status = 404;
    response.set_content(R"({"error":{"message":"no such batch"}})", "application/json");
  }

  void list(httplib::Response& response) {
    const std::lock_guard lock(mutex_);
    Json data = Json::array();
    for (auto batch = batches_.rbegin(); batch != batches_.rend(); ++batch) data.push_back(describe(*batch));
    response.set_content(Json{{"object", "list"}, {"data", data}, {"has_more", false}}.dump(), "application/json");
  }

  [[nodiscard]] std::string final_status() const { return plan_.value("final", std::string("completed")); }

  // Answers the lines, last first: order is not promised.
  void run(Batch& batch) {
    batch.status = final_status();
    if (batch.status == "failed") return;
    std::istringstream in(files_.at(batch.input));
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    std::string output;
    std::string errors;
    for (std::size_t i = lines.size(); i-- > 0;) {
      const bool unanswered = batch.status != "completed" && i % plan_.value("answer_every", std::size_t{2}) != 0;
      const auto reject = plan_.value("reject_every", std::size_t{0});
      if (unanswered) {
        errors += error_line(lines[i]);
      } else if (reject > 0 && i % reject == reject - 1) {
        output += rejected_line(lines[i]);
      } else {
        output += answer_line(lines[i], i);
      }
    }
    if (!output.empty()) batch.output = store(output);
    if (!errors.empty()) batch.errors = store(errors);
  }

  std::string answer_line(const std::string& line, std::size_t number) {
    const Json request = Json::parse(line);
    const Asked asked = Asked::read(request["body"].dump());
    if (config_.refuses_form("max_tokens") && asked.body.contains("max_tokens"))
      return rejected_line(line, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.");
    if (config_.refuses_form("temperature") && asked.body.contains("temperature"))
      return rejected_line(line, "Unsupported value: 'temperature' does not support 0 with this model.");
    const Json faults = plan_.value("faults", Json::array());
    const std::string fault = faults.empty() ? "" : faults[number % faults.size()].get<std::string>();
    const Json body = completion(asked, reply_for(asked, fault == "ok" ? "" : fault), config_);
    return Json{{"id", "batch_req_" + std::to_string(number)},
                {"custom_id", request["custom_id"]},
                {"response", {{"status_code", 200}, {"request_id", "r"}, {"body", body}}},
                {"error", nullptr}}
               .dump() +
           "\n";
  }

  static std::string rejected_line(const std::string& line, const std::string& message = "this line is refused") {
    return Json{{"id", "batch_req_x"},
                {"custom_id", Json::parse(line)["custom_id"]},
                {"response",
                 {{"status_code", 400},
                  {"request_id", "r"},
                  {"body", {{"error", {{"message", message}, {"code", "invalid_value"}}}}}}},
                {"error", nullptr}}
               .dump() +
           "\n";
  }

  static std::string error_line(const std::string& line) {
    return Json{
               {"id", "batch_req_y"},
               {"custom_id", Json::parse(line)["custom_id"]},
               {"response", nullptr},
               {"error", {{"code", "batch_expired"}, {"message", "not executed before the completion window expired"}}}}
               .dump() +
           "\n";
  }

  std::string store(std::string bytes) {
    const std::string id = "file-" + std::to_string(files_.size() + 1);
    files_[id] = std::move(bytes);
    return id;
  }

  [[nodiscard]] Json describe(const Batch& batch) const {
    const bool over = batch.status == final_status();
    Json json = {{"id", batch.id}, {"object", "batch"}, {"input_file_id", batch.input}, {"status", batch.status}};
    const std::string missing = plan_.value("no_output", std::string("null"));
    const auto put_file = [&](const char* key, const std::string& id) {
      if (!id.empty())
        json[key] = id;
      else if (missing == "null")
        json[key] = nullptr;
      else if (missing == "empty")
        json[key] = "";
    };
    put_file("output_file_id", batch.output);
    put_file("error_file_id", batch.errors);
    json["request_counts"] = {{"total", batch.total}, {"completed", over ? batch.total : 0}, {"failed", 0}};
    json["errors"] = nullptr;
    if (batch.status == "failed")
      json["errors"] = {{"object", "list"},
                        {"data", {{{"code", "invalid_json_line"}, {"message", "line 1 is no JSON"}}}}};
    return json;
  }

  const Config& config_;
  Json plan_;
  std::mutex mutex_;
  std::map<std::string, std::string> files_;
  std::vector<Batch> batches_;
  std::uint64_t uploads_ = 0;
  std::uint64_t lines_ = 0;
};

}  // namespace llm_server
