#version 330
// The light of a surface: sky from above and the bounce of the ground, the sun with its shadow, lamps, emission.
// LAMPS (how many there may be) and SHADOW_PX (the side of the shadow map) are defined by the loader.

uniform vec3 eye;
uniform vec3 forward;
uniform vec4 base;
uniform vec3 emission;
uniform float cutoff;
uniform bool textured;
uniform sampler2D picture;
uniform sampler2DShadow shadow;
uniform vec3 sun;
uniform vec3 sun_light;
uniform vec3 sky_light;
uniform vec3 ground_light;
uniform int lamps;
uniform vec3 lamp_position[LAMPS];
uniform vec3 lamp_light[LAMPS];

in vec3 world_position;
in vec3 world_normal;
in vec2 uv;
in vec4 vertex_colour;
in vec3 in_sun;

layout(location = 0) out vec4 light;      // scene-linear, premultiplied
layout(location = 1) out float nearness;  // 1 / depth along the axis: linear across a plane, so samples may be averaged

// The share of the sun that is not hidden: the mean of nine places of the shadow map, for a soft border.
float lit_by_sun() {
    if (any(lessThan(in_sun, vec3(0.0))) || any(greaterThan(in_sun, vec3(1.0)))) return 1.0;
    float sum = 0.0;
    for (int y = -1; y <= 1; y++) for (int x = -1; x <= 1; x++)
        sum += texture(shadow, in_sun + vec3(vec2(x, y) * 1.2 / float(SHADOW_PX), -0.0015));
    return sum / 9.0;
}

void main() {
    vec4 colour = base * vertex_colour;
    if (textured) colour *= texture(picture, uv);
    if (colour.a < cutoff) discard;
    vec3 n = normalize(world_normal);
    if (!gl_FrontFacing) n = -n;
    vec3 sum = mix(ground_light, sky_light, 0.5 + 0.5 * n.y);
    sum += sun_light * max(dot(n, sun), 0.0) * lit_by_sun();
    for (int k = 0; k < lamps; k++) {
        vec3 way = lamp_position[k] - world_position;
        float square = max(dot(way, way), 0.01);
        sum += lamp_light[k] * max(dot(n, way) * inversesqrt(square), 0.0) / square;
    }
    light = vec4((colour.rgb * sum + emission) * colour.a, colour.a);
    nearness = 1.0 / max(dot(world_position - eye, forward), 1e-4);
}
