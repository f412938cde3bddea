<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis styleCategories="Symbology" version="3.22.0">
 <renderer-v2 type="RuleRenderer" referencescale="-1" symbollevels="0" enableorderby="0" forceraster="0">
  <rules key="buildings">
   <rule key="buildings_1" label="Buildings">
    <rule key="buildings_2" label="Apartment block" filter="to_int(attribute($currentfeature, 'class_id')) = 101" symbol="0" />
    <rule key="buildings_3" label="House" filter="to_int(attribute($currentfeature, 'class_id')) = 102" symbol="1" />
    <rule key="buildings_4" label="Industrial building" filter="to_int(attribute($currentfeature, 'class_id')) = 103" symbol="2" />
    <rule key="buildings_5" label="Commercial building" filter="to_int(attribute($currentfeature, 'class_id')) = 104" symbol="3" />
    <rule key="buildings_6" label="Other building" filter="to_int(attribute($currentfeature, 'class_id')) = 105" symbol="4" />
    <rule key="buildings_7" label="Not classified" filter="ELSE">
     <rule key="buildings_8" label="30 m and higher" filter="to_real(attribute($currentfeature, 'building_height')) &gt;= 30" symbol="5" />
     <rule key="buildings_9" label="12 to 30 m" filter="to_real(attribute($currentfeature, 'building_height')) &gt;= 12 AND to_real(attribute($currentfeature, 'building_height')) &lt; 30" symbol="6" />
     <rule key="buildings_10" label="6 to 12 m" filter="to_real(attribute($currentfeature, 'building_height')) &gt;= 6 AND to_real(attribute($currentfeature, 'building_height')) &lt; 12" symbol="7" />
     <rule key="buildings_11" label="Under 6 m" filter="to_real(attribute($currentfeature, 'building_height')) &lt; 6" symbol="8" />
     <rule key="buildings_12" label="Building" filter="ELSE" symbol="9" />
    </rule>
   </rule>
   <rule key="buildings_far" label="Seen from afar" scalemindenom="50000" symbol="10" />
  </rules>
  <symbols>
   <symbol type="fill" name="0" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="209,73,91,170" />
      <Option type="QString" name="outline_color" value="40,40,40,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.3" />
      <Option type="QString" name="style" value="solid" />
     </Option>
     <data_defined_properties>
      <Option type="Map">
       <Option type="QString" name="name" value="" />
       <Option type="Map" name="properties">
        <Option type="Map" name="outlineWidth">
         <Option type="bool" name="active" value="true" />
         <Option type="QString" name="expression" value='coalesce(scale_linear(to_real("building_height"), 3, 60, 0.2, 1.4), 0.3)' />
         <Option type="int" name="type" value="3" />
        </Option>
       </Option>
       <Option type="QString" name="type" value="collection" />
      </Option>
     </data_defined_properties>
    </layer>
   </symbol>
   <symbol type="fill" name="1" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="226,149,24,170" />
      <Option type="QString" name="outline_color" value="40,40,40,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.3" />
      <Option type="QString" name="style" value="solid" />
     </Option>
     <data_defined_properties>
      <Option type="Map">
       <Option type="QString" name="name" value="" />
       <Option type="Map" name="properties">
        <Option type="Map" name="outlineWidth">
         <Option type="bool" name="active" value="true" />
         <Option type="QString" name="expression" value='coalesce(scale_linear(to_real("building_height"), 3, 60, 0.2, 1.4), 0.3)' />
         <Option type="int" name="type" value="3" />
        </Option>
       </Option>
       <Option type="QString" name="type" value="collection" />
      </Option>
     </data_defined_properties>
    </layer>
   </symbol>
   <symbol type="fill" name="2" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="139,84,178,170" />
      <Option type="QString" name="outline_color" value="40,40,40,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.3" />
      <Option type="QString" name="style" value="solid" />
     </Option>
     <data_defined_properties>
      <Option type="Map">
       <Option type="QString" name="name" value="" />
       <Option type="Map" name="properties">
        <Option type="Map" name="outlineWidth">
         <Option type="bool" name="active" value="true" />
         <Option type="QString" name="expression" value='coalesce(scale_linear(to_real("building_height"), 3, 60, 0.2, 1.4), 0.3)' />
         <Option type="int" name="type" value="3" />
        </Option>
       </Option>
       <Option type="QString" name="type" value="collection" />
      </Option>
     </data_defined_properties>
    </layer>
   </symbol>
   <symbol type="fill" name="3" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="32,122,190,170" />
      <Option type="QString" name="outline_color" value="40,40,40,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.3" />
      <Option type="QString" name="style" value="solid" />
     </Option>
     <data_defined_properties>
      <Option type="Map">
       <Option type="QString" name="name" value="" />
       <Option type="Map" name="properties">
        <Option type="Map" name="outlineWidth">
         <Option type="bool" name="active" value="true" />
         <Option type="QString" name="expression" value='coalesce(scale_linear(to_real("building_height"), 3, 60, 0.2, 1.4), 0.3)' />
         <Option type="int" name="type" value="3" />
        </Option>
       </Option>
       <Option type="QString" name="type" value="collection" />
      </Option>
     </data_defined_properties>
    </layer>
   </symbol>
   <symbol type="fill" name="4" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="104,120,135,170" />
      <Option type="QString" name="outline_color" value="40,40,40,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.3" />
      <Option type="QString" name="style" value="solid" />
     </Option>
     <data_defined_properties>
      <Option type="Map">
       <Option type="QString" name="name" value="" />
       <Option type="Map" name="properties">
        <Option type="Map" name="outlineWidth">
         <Option type="bool" name="active" value="true" />
         <Option type="QString" name="expression" value='coalesce(scale_linear(to_real("building_height"), 3, 60, 0.2, 1.4), 0.3)' />
         <Option type="int" name="type" value="3" />
        </Option>
       </Option>
       <Option type="QString" name="type" value="collection" />
      </Option>
     </data_defined_properties>
    </layer>
   </symbol>
   <symbol type="fill" name="5" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="122,4,119,180" />
      <Option type="QString" name="outline_color" value="40,40,40,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.3" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
   </symbol>
   <symbol type="fill" name="6" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="197,27,138,180" />
      <Option type="QString" name="outline_color" value="40,40,40,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.3" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
   </symbol>
   <symbol type="fill" name="7" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="240,104,140,180" />
      <Option type="QString" name="outline_color" value="40,40,40,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.3" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
   </symbol>
   <symbol type="fill" name="8" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="247,160,150,180" />
      <Option type="QString" name="outline_color" value="40,40,40,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.3" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
   </symbol>
   <symbol type="fill" name="9" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="235,110,52,150" />
      <Option type="QString" name="outline_color" value="140,50,10,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.4" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
   </symbol>
   <symbol type="fill" name="10" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="CentroidFill">
     <Option type="Map">
      <Option type="QString" name="clip_on_current_part_only" value="0" />
      <Option type="QString" name="clip_points" value="0" />
      <Option type="QString" name="point_on_all_parts" value="0" />
      <Option type="QString" name="point_on_surface" value="0" />
     </Option>
     <symbol type="marker" name="@10@0" alpha="1">
      <layer enabled="1" pass="0" locked="0" class="SimpleMarker">
       <Option type="Map">
        <Option type="QString" name="color" value="235,110,52,255" />
        <Option type="QString" name="name" value="circle" />
        <Option type="QString" name="outline_color" value="255,255,255,255" />
        <Option type="QString" name="outline_style" value="solid" />
        <Option type="QString" name="outline_width" value="0.8" />
        <Option type="QString" name="size" value="2.2" />
       </Option>
      </layer>
      <layer enabled="1" pass="0" locked="0" class="SimpleMarker">
       <Option type="Map">
        <Option type="QString" name="color" value="235,110,52,255" />
        <Option type="QString" name="name" value="circle" />
        <Option type="QString" name="outline_color" value="30,30,30,255" />
        <Option type="QString" name="outline_style" value="solid" />
        <Option type="QString" name="outline_width" value="0.25" />
        <Option type="QString" name="size" value="2.2" />
       </Option>
      </layer>
     </symbol>
    </layer>
   </symbol>
  </symbols>
 </renderer-v2>
 <blendMode>0</blendMode>
 <featureBlendMode>0</featureBlendMode>
 <layerGeometryType>2</layerGeometryType>
</qgis>
