// GET /v1/schema: objects with their properties, and events; what an import maps its columns to.
#include "runtime/api/routes.hpp"

namespace wf::api {

using value::Value;

namespace {

Value describe(const bytecode::Object& object) {
  value::List properties;
  for (const bytecode::Property& property : object.properties) {
    if (property.hidden) continue;
    properties.push_back(Value::map({{"name", Value::text(property.name)},
                                     {"title", Value::text(property.title)},
                                     {"kind", Value::text(value::to_string(property.type.kind))},
                                     {"unique", Value::boolean(property.unique)}}));
  }
  return Value::map({{"name", Value::text(object.name)}, {"properties", Value::list(std::move(properties))}});
}

Value describe(const bytecode::EventType& event) {
  value::List parameters;
  for (const bytecode::EventParameter& parameter : event.parameters) {
    parameters.push_back(Value::map({{"name", Value::text(parameter.name)},
                                     {"kind", Value::text(value::to_string(parameter.type.kind))},
                                     {"required", Value::boolean(!parameter.type.nullable)}}));
  }
  return Value::map({{"name", Value::text(event.name)}, {"parameters", Value::list(std::move(parameters))}});
}

}  // namespace

void get_schema(Service& service, const http::Request&, http::Respond respond) {
  value::List objects, events;
  const auto program = service.program();
  for (const auto& object : program->catalogue.objects) objects.push_back(describe(object));
  for (const auto& event : program->catalogue.events) events.push_back(describe(event));
  respond(json_response(200, Value::map({{"objects", Value::list(std::move(objects))},
                                         {"events", Value::list(std::move(events))}})));
}

}  // namespace wf::api
