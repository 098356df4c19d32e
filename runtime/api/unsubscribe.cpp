// /u/TOKEN: GET shows a page that asks (mail scanners follow links), POST unsubscribes, also as the one click
// of RFC 8058: no login, no cookie, no redirect, durable before the answer.
#include "runtime/api/routes.hpp"

namespace wf::api {

using bytecode::kNone;

namespace {

constexpr std::string_view kPath = "/u/";

struct Words {
  const char* title;
  const char* question;
  const char* all;  ///< all topics
  const char* button;
  const char* done;
  const char* unknown;
};
constexpr Words kEnglish{"Unsubscribe",
                         "Do you want to receive no more mails of this kind?",
                         "all mails",
                         "Unsubscribe",
                         "You have been unsubscribed.",
                         "This link is not valid (any more)."};
constexpr Words kJapanese{"配信停止",
                          "次のメールの配信を停止しますか？",
                          "すべてのメール",
                          "配信停止する",
                          "配信を停止しました。",
                          "このリンクは無効です。"};

const Words& words(const Service& service) {
  return service.program()->catalogue.locale.starts_with("ja") ? kJapanese : kEnglish;
}

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

http::Response page(const Service& service, int status, const std::string& body) {
  const Words& w = words(service);
  http::Response response;
  response.status = status;
  response.content_type = "text/html; charset=utf-8";
  response.headers = {{"Cache-Control", "no-store"},
                      {"Referrer-Policy", "no-referrer"},
                      {"Content-Security-Policy", "default-src 'none'; form-action 'self'"}};
  response.body =
      "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\"><title>" +
      std::string(w.title) + "</title></head>\n<body><h1>" + w.title + "</h1>\n" + body + "</body></html>\n";
  return response;
}

http::Response not_found(const Service& service) {
  return page(service, 404, "<p>" + std::string(words(service).unknown) + "</p>\n");
}

std::optional<crm::Unsubscription> read_token(const Service& service, const http::Request& request) {
  return crm::read_unsubscribe_token(service.links, std::string_view(request.path).substr(kPath.size()));
}

/// How an input addresses the record: by a unique property. Empty when it has none.
std::string subject_of(const bytecode::Object& object, const engine::RecordInfo& info) {
  for (const bytecode::Property& property : object.properties) {
    if (!property.unique) continue;
    for (const auto& [name, text] : info.properties) {
      if (name == property.name) return name + ":" + text;
    }
  }
  return {};
}

engine::InputEvent input_of(const Service& service, const engine::RecordInfo& info,
                            const std::string& subject, const std::string& topic) {
  engine::InputEvent event;
  event.object = info.object;
  event.subject = subject;
  const auto program = service.program();
  const bytecode::Catalogue& catalogue = program->catalogue;
  const std::uint32_t declared = catalogue.find_event("unsubscribed");
  // The event ends the subscription and can be waited for; without it, or for another object, only the first.
  if (declared != kNone && catalogue.events[declared].object == catalogue.find_object(info.object)) {
    event.type = "unsubscribed";
    if (!topic.empty()) event.data.emplace_back("topic", value::Value::text(topic));
    return event;
  }
  event.kind = engine::InputKind::topic;
  event.type = topic;
  event.flag = false;
  return event;
}

}  // namespace

void show_unsubscribe(Service& service, const http::Request& request, http::Respond respond) {
  const auto what = read_token(service, request);
  if (!what) return respond(not_found(service));
  const Words& w = words(service);
  const auto program = service.program();
  const bytecode::Catalogue& catalogue = program->catalogue;
  const std::uint32_t topic = catalogue.find_resource(bytecode::ResourceKind::topic, what->topic);
  std::string name = what->topic.empty() ? w.all : what->topic;
  if (topic != kNone && !catalogue.topics[topic].title.empty()) name = catalogue.topics[topic].title;
  respond(page(service, 200,
               "<p>" + std::string(w.question) + "</p>\n<p><strong>" + escape(name) +
                   "</strong></p>\n<form method=\"post\"><button type=\"submit\">" + w.button +
                   "</button></form>\n"));
}

void post_unsubscribe(Service& service, const http::Request& request, http::Respond respond) {
  const auto what = read_token(service, request);
  if (!what) return respond(not_found(service));
  service.engine.ask([&service, what = *what, respond](engine::Engine& engine) {
    const auto info = engine.describe(what.record);
    if (!info) return respond(failure(info.error()));
    const auto program = service.program();
    const std::uint32_t object = *info ? program->catalogue.find_object((*info)->object) : kNone;
    const std::string subject = object == kNone ? "" : subject_of(program->catalogue.objects[object], **info);
    if (subject.empty()) return respond(not_found(service));
    store::Input input;
    input.body = engine::encode(input_of(service, **info, subject, what.topic));
    std::vector<store::Input> inputs;
    inputs.push_back(std::move(input));
    accept_then(service, std::move(inputs),
                page(service, 200, "<p>" + std::string(words(service).done) + "</p>\n"), respond);
  });
}

}  // namespace wf::api
