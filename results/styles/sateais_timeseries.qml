<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis styleCategories="Symbology" version="3.22.0">
 <renderer-v2 type="RuleRenderer" referencescale="-1" symbollevels="1" enableorderby="0" forceraster="0">
  <rules key="{c2e551bc-f472-4463-b439-7d93f36526b2}">
   <rule filter="&quot;deviation&quot; &gt;= 0.5" label="Strong increase (≥ 0.50)" symbol="0" key="{a5549b36-bd78-4161-9238-da833db342ba}" />
   <rule filter="&quot;deviation&quot; &gt;= 0.05 AND &quot;deviation&quot; &lt; 0.5" label="Increase (0.05 – 0.50)" symbol="1" key="{1f37158c-21a6-40b3-af5b-9824860cfc5c}" />
   <rule filter="&quot;deviation&quot; &lt;= -0.05 AND &quot;deviation&quot; &gt; -0.5" label="Decrease (0.05 – 0.50)" symbol="2" key="{665a8746-cd27-4f61-806e-bd4a4dd66f9b}" />
   <rule filter="&quot;deviation&quot; &lt;= -0.5" label="Strong decrease (≥ 0.50)" symbol="3" key="{d8881b83-c7b0-498a-851f-ccefb1c3d4c9}" />
   <rule filter="ELSE" label="Little or no change (under 0.05)" symbol="4" key="{a7a86dce-6bfa-42a5-8bec-a0fb58b9de2c}" />
  </rules>
  <symbols>
   <symbol type="fill" name="0" alpha="1">
    <layer enabled="1" pass="3" locked="0" class="SimpleLine">
     <Option type="Map">
      <Option type="QString" name="line_color" value="255,255,255,255" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="0.8" />
     </Option>
    </layer>
    <layer enabled="1" pass="4" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="215,48,31,255" />
      <Option type="QString" name="outline_color" value="215,48,31,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.3" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
    <layer enabled="1" pass="5" locked="0" class="CentroidFill">
     <Option type="Map">
      <Option type="QString" name="clip_on_current_part_only" value="0" />
      <Option type="QString" name="clip_points" value="0" />
      <Option type="QString" name="point_on_all_parts" value="0" />
      <Option type="QString" name="point_on_surface" value="0" />
     </Option>
     <data_defined_properties>
      <Option type="Map">
       <Option type="QString" name="name" value="" />
       <Option type="Map" name="properties">
        <Option type="Map" name="enabled">
         <Option type="bool" name="active" value="true" />
         <Option type="QString" name="expression" value="coalesce(@map_scale, 0) &gt; 80000" />
         <Option type="int" name="type" value="3" />
        </Option>
       </Option>
       <Option type="QString" name="type" value="collection" />
      </Option>
     </data_defined_properties>
     <symbol type="marker" name="@0@2" alpha="1">
      <layer enabled="1" pass="0" locked="0" class="SimpleMarker">
       <Option type="Map">
        <Option type="QString" name="angle" value="0" />
        <Option type="QString" name="color" value="255,255,255,255" />
        <Option type="QString" name="name" value="circle" />
        <Option type="QString" name="outline_color" value="255,255,255,255" />
        <Option type="QString" name="outline_style" value="solid" />
        <Option type="QString" name="outline_width" value="0.1" />
        <Option type="QString" name="size" value="3" />
       </Option>
      </layer>
     </symbol>
    </layer>
    <layer enabled="1" pass="6" locked="0" class="CentroidFill">
     <Option type="Map">
      <Option type="QString" name="clip_on_current_part_only" value="0" />
      <Option type="QString" name="clip_points" value="0" />
      <Option type="QString" name="point_on_all_parts" value="0" />
      <Option type="QString" name="point_on_surface" value="0" />
     </Option>
     <data_defined_properties>
      <Option type="Map">
       <Option type="QString" name="name" value="" />
       <Option type="Map" name="properties">
        <Option type="Map" name="enabled">
         <Option type="bool" name="active" value="true" />
         <Option type="QString" name="expression" value="coalesce(@map_scale, 0) &gt; 80000" />
         <Option type="int" name="type" value="3" />
        </Option>
       </Option>
       <Option type="QString" name="type" value="collection" />
      </Option>
     </data_defined_properties>
     <symbol type="marker" name="@0@3" alpha="1">
      <layer enabled="1" pass="0" locked="0" class="SimpleMarker">
       <Option type="Map">
        <Option type="QString" name="angle" value="0" />
        <Option type="QString" name="color" value="215,48,31,255" />
        <Option type="QString" name="name" value="circle" />
        <Option type="QString" name="outline_color" value="215,48,31,255" />
        <Option type="QString" name="outline_style" value="solid" />
        <Option type="QString" name="outline_width" value="0.1" />
        <Option type="QString" name="size" value="2.2" />
       </Option>
      </layer>
     </symbol>
    </layer>
   </symbol>
   <symbol type="fill" name="1" alpha="1">
    <layer enabled="1" pass="2" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="253,174,97,200" />
      <Option type="QString" name="outline_color" value="217,116,26,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.26" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
   </symbol>
   <symbol type="fill" name="2" alpha="1">
    <layer enabled="1" pass="2" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="116,179,232,200" />
      <Option type="QString" name="outline_color" value="47,127,196,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.26" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
   </symbol>
   <symbol type="fill" name="3" alpha="1">
    <layer enabled="1" pass="3" locked="0" class="SimpleLine">
     <Option type="Map">
      <Option type="QString" name="line_color" value="255,255,255,255" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="0.8" />
     </Option>
    </layer>
    <layer enabled="1" pass="4" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="31,82,192,255" />
      <Option type="QString" name="outline_color" value="31,82,192,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.3" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
    <layer enabled="1" pass="5" locked="0" class="CentroidFill">
     <Option type="Map">
      <Option type="QString" name="clip_on_current_part_only" value="0" />
      <Option type="QString" name="clip_points" value="0" />
      <Option type="QString" name="point_on_all_parts" value="0" />
      <Option type="QString" name="point_on_surface" value="0" />
     </Option>
     <data_defined_properties>
      <Option type="Map">
       <Option type="QString" name="name" value="" />
       <Option type="Map" name="properties">
        <Option type="Map" name="enabled">
         <Option type="bool" name="active" value="true" />
         <Option type="QString" name="expression" value="coalesce(@map_scale, 0) &gt; 80000" />
         <Option type="int" name="type" value="3" />
        </Option>
       </Option>
       <Option type="QString" name="type" value="collection" />
      </Option>
     </data_defined_properties>
     <symbol type="marker" name="@3@2" alpha="1">
      <layer enabled="1" pass="0" locked="0" class="SimpleMarker">
       <Option type="Map">
        <Option type="QString" name="angle" value="0" />
        <Option type="QString" name="color" value="255,255,255,255" />
        <Option type="QString" name="name" value="circle" />
        <Option type="QString" name="outline_color" value="255,255,255,255" />
        <Option type="QString" name="outline_style" value="solid" />
        <Option type="QString" name="outline_width" value="0.1" />
        <Option type="QString" name="size" value="3" />
       </Option>
      </layer>
     </symbol>
    </layer>
    <layer enabled="1" pass="6" locked="0" class="CentroidFill">
     <Option type="Map">
      <Option type="QString" name="clip_on_current_part_only" value="0" />
      <Option type="QString" name="clip_points" value="0" />
      <Option type="QString" name="point_on_all_parts" value="0" />
      <Option type="QString" name="point_on_surface" value="0" />
     </Option>
     <data_defined_properties>
      <Option type="Map">
       <Option type="QString" name="name" value="" />
       <Option type="Map" name="properties">
        <Option type="Map" name="enabled">
         <Option type="bool" name="active" value="true" />
         <Option type="QString" name="expression" value="coalesce(@map_scale, 0) &gt; 80000" />
         <Option type="int" name="type" value="3" />
        </Option>
       </Option>
       <Option type="QString" name="type" value="collection" />
      </Option>
     </data_defined_properties>
     <symbol type="marker" name="@3@3" alpha="1">
      <layer enabled="1" pass="0" locked="0" class="SimpleMarker">
       <Option type="Map">
        <Option type="QString" name="angle" value="0" />
        <Option type="QString" name="color" value="31,82,192,255" />
        <Option type="QString" name="name" value="circle" />
        <Option type="QString" name="outline_color" value="31,82,192,255" />
        <Option type="QString" name="outline_style" value="solid" />
        <Option type="QString" name="outline_width" value="0.1" />
        <Option type="QString" name="size" value="2.2" />
       </Option>
      </layer>
     </symbol>
    </layer>
   </symbol>
   <symbol type="fill" name="4" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="0,0,0,0" />
      <Option type="QString" name="outline_color" value="150,150,150,150" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.1" />
      <Option type="QString" name="style" value="no" />
     </Option>
     <data_defined_properties>
      <Option type="Map">
       <Option type="QString" name="name" value="" />
       <Option type="Map" name="properties">
        <Option type="Map" name="enabled">
         <Option type="bool" name="active" value="true" />
         <Option type="QString" name="expression" value="coalesce(@map_scale, 0) &lt;= 30000" />
         <Option type="int" name="type" value="3" />
        </Option>
       </Option>
       <Option type="QString" name="type" value="collection" />
      </Option>
     </data_defined_properties>
    </layer>
   </symbol>
  </symbols>
 </renderer-v2>
 <blendMode>0</blendMode>
 <featureBlendMode>0</featureBlendMode>
 <layerGeometryType>2</layerGeometryType>
</qgis>
