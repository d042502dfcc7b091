#version 330
// A corner of a mesh on the screen, and what its pixels need to know: all in the world, metres.

uniform mat4 to_screen;
uniform mat4 to_sun;

in vec3 position;
in vec3 normal;
in vec2 texture_place;
in vec4 colour;

out vec3 world_position;
out vec3 world_normal;
out vec2 uv;
out vec4 vertex_colour;
out vec3 in_sun;  // its place in the shadow map, and its depth there, in [0, 1]

void main() {
    world_position = position;
    world_normal = normal;
    uv = texture_place;
    vertex_colour = colour;
    // Moved out a little along the normal, so that a surface casts no shadow on itself.
    vec4 sun = to_sun * vec4(position + 0.02 * normal, 1.0);
    in_sun = sun.xyz * 0.5 + 0.5;
    gl_Position = to_screen * vec4(position, 1.0);
}
